/// Probability: random streams on GSL's generators, bulk Gaussian noise, distributions, divergences and samplers.
///
/// - `RandomStream`: sequential draws from a GSL generator; split into independent numbered streams, saved, restored.
/// - `NormalNoise`: bulk standard normal noise that is addressed by position, so any part can be drawn on any thread.
/// - `Distribution` and its refinements, 45 families from `Normal` to `LKJCholesky`; `Transform`; `KLDivergence` and other
///   divergences. See the articles "Distributions" and "Divergences".
/// - `QuasiRandomSequence`: Sobol's, Niederreiter's and Halton's points, scrambled; `Discrepancy`.
/// - `ImportanceWeights`, `ParetoSmoothedWeights`, `RejectionSampler`, `Resampling`: weighted and accepted draws.
/// - `NoUTurnSampler`, `HamiltonianMonteCarlo`, `RandomWalkMetropolis`, `SliceSampler`: Markov chains in parallel from a
///   `LogDensityModel`; `ChainDiagnostics`: R̂, effective sample sizes and Monte-Carlo errors.
/// - `TemperingSampler`, `ParticleFilter`: sequential Monte Carlo. `MonteCarloIntegration`: integrals over boxes.
/// - `GSLError`: GSL's status codes.
