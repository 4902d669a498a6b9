/// The warm-up of HMC and NUTS: the step size by dual averaging at every iteration, the metric at the end of each
/// window of the schedule, after which the step size begins anew.
struct HamiltonianAdaptation {
    private let schedule: WarmupSchedule
    private var averaging: DualAveraging
    private var moments: RunningMoments
    private let isStepFixed: Bool
    private(set) var stepSize: Double

    /// - Parameter fixedStepSize: kept as it is; `nil` has it learnt.
    init(
        _ dynamics: HamiltonianDynamics, warmup: Int, targetAcceptance: Double, fixedStepSize: Double?,
        _ stream: inout RandomStream
    ) throws(SamplingError) {
        schedule = WarmupSchedule(warmup: warmup)
        isStepFixed = fixedStepSize != nil
        stepSize = if let fixedStepSize { fixedStepSize } else { try dynamics.reasonableStepSize(1, &stream) }
        averaging = DualAveraging(target: targetAcceptance, stepSize: stepSize)
        moments = RunningMoments(dimension: dynamics.dimension, isDense: dynamics.metric.adaptation == .dense)
    }

    mutating func update(
        iteration: Int, acceptance: Double, _ dynamics: HamiltonianDynamics, _ stream: inout RandomStream
    ) throws(SamplingError) {
        if !isStepFixed {
            averaging.update(acceptance: acceptance)
            stepSize = averaging.stepSize
        }
        guard dynamics.metric.adaptation != .unit else { return }
        if schedule.isInWindow(iteration) { moments.add(dynamics.position) }
        if schedule.endsWindow(iteration) {
            dynamics.metric.learn(moments)
            moments.reset()
            if !isStepFixed {
                stepSize = try dynamics.reasonableStepSize(stepSize, &stream)
                averaging.restart(stepSize)
            }
        }
    }

    mutating func end() {
        if !isStepFixed { stepSize = averaging.averagedStepSize }
    }
}
