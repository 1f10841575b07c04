// Goes before everything else in each process of the tests (package.json). tap reads every file that a test loads once more, for a report on coverage: a sixth of
// the processor time that a large test file takes to start. No such report is made here (.taprc), so nothing is to be read.
process.env._TAPJS_PROCESSINFO_EXCLUDE_ = "/./";
