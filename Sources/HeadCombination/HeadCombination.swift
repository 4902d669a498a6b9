/// Several heads as one, and heads that also answer for classes they have not learnt.
///
/// - `CombinedHead`: the logit posteriors of several heads weighted into one, the weights fitted on rows kept back.
/// - `OpenVocabularyHead` and `ExtendedHead`: learnt classes and candidates, known by their prompts alone, side by side.
/// - `CandidateGate`: who has the say for a row, the head or zero-shot; `DistributionAwareGate` as DIKI has it,
///   `CalibratedGate` fitted on rows kept back, `ZeroShotGate` as RAIL has it.
///
/// Knows heads through the protocols of `Prediction` alone.
enum HeadCombination {}
