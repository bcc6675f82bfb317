// Stops the run's server.
export default async function tearDown () {
  await globalThis.deskloopTestServer?.close()
}
