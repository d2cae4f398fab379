#!/usr/bin/env python3
"""What OpenCV's background models cost a picture on one thread: apply() alone, without contours.

    python3 background-models.py FRAMES WIDTH HEIGHT [--rounds 3]

FRAMES holds luma planes one after the other. Prints one JSON object: milliseconds of CPU a picture, by model, medians.
"""
import argparse
import json
import time

import cv2
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument('frames')
parser.add_argument('width', type=int)
parser.add_argument('height', type=int)
parser.add_argument('--rounds', type=int, default=3)
options = parser.parse_args()
cv2.setNumThreads(1)
luma = np.fromfile(options.frames, np.uint8).reshape(-1, options.height, options.width)
colour = [cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) for picture in luma[: len(luma) // 3]]
result = {'opencv': cv2.__version__}
for name, make in (('MOG2', cv2.createBackgroundSubtractorMOG2), ('KNN', cv2.createBackgroundSubtractorKNN)):
    for kind, pictures in (('luma', luma), ('colour', colour)):
        model = make(detectShadows=False)
        spent = []
        for _ in range(options.rounds):
            for picture in pictures:
                began = time.thread_time()
                model.apply(picture)
                spent.append(1000 * (time.thread_time() - began))
        # The first round fills the model.
        result[f'{name} {kind}'] = float(np.median(spent[len(pictures) :]))
print(json.dumps(result))
