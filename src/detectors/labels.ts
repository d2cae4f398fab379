/** What the 80 classes of COCO are called, in the order of models that leave out its unused numbers. @source cocodataset.org */
const COCO_80: readonly string[] = [
  'person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,bench,bird,cat',
  'dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball',
  'kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple',
  'sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse',
  'remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush',
].flatMap((line) => line.split(','));

/** Numbers from 0 to 90 that COCO does not use. */
const UNUSED: readonly number[] = [0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83];

const coco91 = (): (string | null)[] => {
  const names = COCO_80.values();
  return Array.from({ length: 91 }, (_, id) => (UNUSED.includes(id) ? null : (names.next().value ?? null)));
};

/** Sets of labels that a model's entry may name instead of listing them; `null`: a class without a name. */
export const labelSets: Readonly<Record<string, readonly (string | null)[]>> = { coco80: COCO_80, coco91: coco91() };
