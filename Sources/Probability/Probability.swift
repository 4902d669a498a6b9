/// Probability: random streams on GSL's generators, bulk Gaussian noise, distributions and divergences.
///
/// - `RandomStream`: sequential draws from a GSL generator; split into independent numbered streams, saved, restored.
/// - `NormalNoise`: bulk standard normal noise that is addressed by position, so any part can be drawn on any thread.
/// - `Distribution` and its refinements, `Normal`, `DiagonalNormal`, `KLDivergence`.
/// - `GSLError`: GSL's status codes.
