// Stops the run's server, and takes its folder with it.
import { rmSync } from 'node:fs'

export default async function tearDown () {
  const { server, folder } = globalThis.deskloopTestServer ?? {}
  await server?.close()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
}
