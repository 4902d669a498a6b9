// What tests share: golden data, real feature data, temporary folders, comparisons, running the command.
