import type { Service } from '../../../sdk/types.ts'
import { settingsOf } from '../presets/preset.ts'
import { safeDefault } from '../presets/safe-default.ts'

/** What a service is when nothing else is said: the safe preset. RFC 9700 and FAPI 2.0 §5.3 are the measure. */
export const serviceDefaults: Service = settingsOf<Service>(safeDefault.service)
