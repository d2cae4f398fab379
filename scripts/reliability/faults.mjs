import { agentKilled } from './r01-agent-killed.mjs';
import { centrePowerCut, powerCut } from './r02-power-cut.mjs';
import { brokerKilled, receiverKilled, receiverKilledSmallQueue } from './r03-broker-killed.mjs';
import { brokerFrozen, silentNetwork } from './r04-silent-network.mjs';
import { longOutage } from './r05-long-outage.mjs';
import { failingDisk } from './r06-failing-disk.mjs';
import { fullDisk } from './r06-full-disk.mjs';
import { failingSync } from './r07-failing-sync.mjs';
import { cameraFaults } from './r08-camera.mjs';
import { decoderCrash, pictureCrash } from './r09-crashes.mjs';
import { inferenceCrash } from './r09-inference.mjs';
import { blockedLoop } from './r10-blocked.mjs';
import { clockJumps } from './r11-clock.mjs';
import { reconnect } from './r12-reconnect.mjs';
import { soak } from './r13-soak.mjs';
import { flippedDatabase } from './r14-flipped-bit.mjs';
import { flippedClip } from './r14-flipped-clip.mjs';
import { falseAcknowledgements, wrongAcknowledgements } from './wrong-acknowledgements.mjs';

/** Every fault of docs/reliability.md, in its order. */
export const faults = [
  agentKilled,
  powerCut,
  centrePowerCut,
  brokerKilled,
  receiverKilled,
  receiverKilledSmallQueue,
  wrongAcknowledgements,
  falseAcknowledgements,
  silentNetwork,
  brokerFrozen,
  longOutage,
  fullDisk,
  failingDisk,
  failingSync,
  cameraFaults,
  pictureCrash,
  decoderCrash,
  inferenceCrash,
  blockedLoop,
  clockJumps,
  reconnect,
  soak,
  flippedDatabase,
  flippedClip,
];
