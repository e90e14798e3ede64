import { setFlagsFromString } from "node:v8";

/**
 * Keeps the space in which V8 makes new objects at the size it has now. Under load V8 doubles it up to 128 MB, all of it
 * resident, to have objects die before they are looked at; those of a push die within a millisecond, so the 16 MB that a
 * start takes are plenty. To be called once the program is loaded and before it works.
 *
 * Node has an option for this, but only on its command line, which is not ours: the gateway is started in many ways. The
 * flag here is one that V8 reads each time it is about to grow that space.
 */
export function stopYoungGenerationGrowth(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
