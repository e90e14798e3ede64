import type { AdmittedPart } from "@pushfleet/federation";
import { type PackedFamilies, packFamilies, unpackFamilies } from "@pushfleet/groups";
import type { ArrivingFamily, VersionedFamily, VersionedGroup } from "@pushfleet/store";

/**
 * Some states of an admitted batch, in a form that another thread gets in next to no time: the bytes of their families change
 * hands, and what is copied is little.
 */
export interface PackedStates {
  /** Of their families only what a merge needs. */
  readonly states: readonly VersionedGroup[];
  /** The families of all states, in the order in which those have them. */
  readonly families: PackedFamilies;
}

type States = AdmittedPart["states"];

export function packStates(states: States): PackedStates {
  return {
    states: states.map((state) => ({ ...state, families: state.families.map(versionOnly) })),
    families: packFamilies(states.flatMap((state) => state.families.map(({ family }) => family))),
  };
}

export function unpackStates({ states, families }: PackedStates): States {
  const unpacked = unpackFamilies(families).values();
  return states.map((state) => ({
    ...state,
    families: state.families.map((versioned) => {
      const { value: family, done } = unpacked.next();
      if (done === true) throw new Error("a packed state has fewer families than versions");
      return { ...versioned, family };
    }),
  }));
}

/** What there is to hand over. */
export function buffersOf({ families: { texts, labels, protos } }: PackedStates): ArrayBuffer[] {
  return [texts.buffer, labels.buffer, protos.buffer];
}

function versionOnly({ name, version }: ArrivingFamily): VersionedFamily {
  return { name, version };
}
