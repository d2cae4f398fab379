/** A message that is not understood or not believed: it is counted and dropped, and never acknowledged. */
export class Rejected extends Error {
  override readonly name: string = 'Rejected';
}
