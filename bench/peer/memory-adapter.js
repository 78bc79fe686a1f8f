/** What the peer remembers, in memory and forgotten with it: no store costs less. Nothing is ever thrown away, so it is for short runs. */
export function memoryAdapter() {
  const things = new Map()
  const keyByUid = new Map()
  const keysOfGrant = new Map()

  return (model) => {
    const keyOf = (id) => `${model}:${id}`
    return {
      async upsert(id, payload) {
        const key = keyOf(id)
        things.set(key, payload)
        if (payload.uid !== undefined) keyByUid.set(payload.uid, key)
        if (payload.grantId !== undefined) {
          const keys = keysOfGrant.get(payload.grantId) ?? new Set()
          keysOfGrant.set(payload.grantId, keys.add(key))
        }
      },
      find: async (id) => things.get(keyOf(id)),
      findByUid: async (uid) => things.get(keyByUid.get(uid)),
      findByUserCode: async () => undefined,
      async consume(id) {
        const thing = things.get(keyOf(id))
        if (thing) thing.consumed = Math.floor(Date.now() / 1000)
      },
      destroy: async (id) => void things.delete(keyOf(id)),
      async revokeByGrantId(grantId) {
        for (const key of keysOfGrant.get(grantId) ?? []) things.delete(key)
        keysOfGrant.delete(grantId)
      },
    }
  }
}
