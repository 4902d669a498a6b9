/// NoveltyDetection: how likely a row belongs to no known class, and how well a score tells it.
///
/// A `NoveltyScore` gives one number a row, higher = more novel; `NoveltyInput` carries all that a score may look at.
/// Scores that learn from known rows (`FittableNoveltyScore`) do so from `KnownRows`, a stream that is read as often as
/// needed; a `Detector` holds fitted scores and the known rows' scores, and is stored in the model's file or in one of
/// its own. One score, one file, and one line in `NoveltyScores`.
///
/// `NoveltyThreshold`, `ConformalPValues` and `FalseDiscoveryRate` turn scores into decisions with a promise;
/// `DriftAlarm` watches a stream. `DetectionMetrics`, `DetectionIntervals` and `ReceiverOperatingCharacteristic` measure a
/// score against known and novel rows.
