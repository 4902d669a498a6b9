/// NoveltyDetection: how likely a row belongs to no known class, and how well a score tells it.
///
/// A `NoveltyScore` gives one number a row, higher = more novel; `NoveltyInput` carries all that a score may look at.
/// One score, one file. `DetectionMetrics` and `ReceiverOperatingCharacteristic` measure a score against known and novel
/// rows.
