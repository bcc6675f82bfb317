// Ends a run with one plain line that a person or a machine can read.
export default class ClosingLine {
  onRunComplete (_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests
    const broken = results.numRuntimeErrorTestSuites
    console.log(`${results.numPassedTests} passed, ${results.numFailedTests + broken} failed, ${skipped} skipped`)
  }
}
