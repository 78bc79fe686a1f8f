import type { Treatment } from './members.ts'
import { settingFault } from './setting-fault.ts'

/** Refuses what would switch on something that this engine does not do. */
export function checkHonoured<Settings extends object>(
  given: Settings,
  members: Readonly<Record<keyof Settings & string, Treatment>>,
): void {
  for (const member in given) {
    if (members[member] === 'refused' && !switchesNothingOn(given[member])) {
      throw settingFault(member, 'this engine does not do what it asks for; leave it out')
    }
  }
}

/** The settings that are kept: the engine's own members are not the caller's to set, and refused ones say nothing. */
export function keptSettings<Settings extends object>(
  given: Settings,
  members: Readonly<Record<keyof Settings & string, Treatment>>,
): Settings {
  const kept = { ...given }
  for (const member in given) {
    if (members[member] === 'read-only' || members[member] === 'refused') Reflect.deleteProperty(kept, member)
  }
  return kept
}

/** Absent, false, 0, empty text and an empty list. */
function switchesNothingOn(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : !value
}
