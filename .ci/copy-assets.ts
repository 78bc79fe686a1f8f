/** The part of `npm run build` that the compiler leaves to others: pages, styles and SQL, beside the code that reads them. */
import { cp } from 'node:fs/promises'

const assets = ['views', 'demo/views', 'demo/public', 'server/migrations', 'server/engine/storage/migrations']

for (const asset of assets) await cp(asset, `dist/${asset}`, { recursive: true })
