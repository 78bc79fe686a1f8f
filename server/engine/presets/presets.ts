import { fapi1Advanced } from './fapi1-advanced.ts'
import { fapi2Ms } from './fapi2-ms.ts'
import { fapi2Sp } from './fapi2-sp.ts'
import { oidc } from './oidc.ts'
import type { Preset } from './preset.ts'
import { safeDefault } from './safe-default.ts'

/** The presets by the names that `npm run doctor` knows them by. */
export const presets = {
  'safe-default': safeDefault,
  oidc,
  'fapi1-advanced': fapi1Advanced,
  'fapi2-sp': fapi2Sp,
  'fapi2-ms': fapi2Ms,
} as const satisfies Record<string, Preset>

export type PresetName = keyof typeof presets

/** Whether a preset is called so. */
export function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(presets, name)
}
