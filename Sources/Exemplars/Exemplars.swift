/// Exemplars: the rows of earlier classes that are kept to rehearse on.
///
/// `ExemplarBuffer` holds them in memory within a budget, balanced over classes; an `ExemplarSelector` says which rows
/// of a class are worth keeping, best first. A selector is one file; nothing here knows a head.
