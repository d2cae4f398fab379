// Prints "passed failed skipped" from vitest's JSON report. A file that does not even load holds no test that could fail: it
// counts as one failure, and so does a run that left no report.
import { readFileSync } from 'node:fs';

console.log(count(process.argv[2] ?? '').join(' '));

function count(path) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [0, 1, 0];
  }
  const broken = report.testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed'));
  const failed = report.numFailedTests + broken.length;
  const nothingRan = report.numTotalTests === 0 && failed === 0 ? 1 : 0;
  // `success` is false for errors outside any test, an unhandled rejection for one.
  const elsewhere = !report.success && failed === 0 && nothingRan === 0 ? 1 : 0;
  return [report.numPassedTests, failed + nothingRan + elsewhere, report.numPendingTests + report.numTodoTests];
}
