import ArgumentParser
import Credence
import Foundation
import Serving

/// What the process answers with, after BSD's sysexits.
enum ExitStatus: Int32 {
    case usage = 64
    case badData = 65
    case inputMissing = 66
    case internalError = 70
    case cannotCreate = 73
    case inputOutput = 74
    case interrupted = 130
}

/// A failure the command line found itself: one line for the user, and how to exit.
struct CommandFailure: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}

extension ExitStatus {
    /// The status of whatever a verb may throw.
    static func of(_ error: any Error) -> ExitStatus {
        switch error {
        case let failure as CommandFailure: failure.status
        case let failure as FeatureDataError:
            switch failure.kind {
            case .inputMissing: .inputMissing
            case .badData: .badData
            case .cannotWrite: .cannotCreate
            case .inputOutput: .inputOutput
            }
        case let failure as ExemplarStoreError: of(failure)
        case HeadError.diverged: .internalError
        case ModelUseError.prediction: .usage
        case ServiceError.cannotListen: .inputOutput
        case is ServiceError: .badData
        case is ModelUseError, TrainingSubsetError.cannotHoldOut: .badData
        case is TrainingSubsetError: .usage
        case is HeadError, is ExemplarError, is ModelArchiveError, is LinearAlgebraError, is NoveltyError, is CalibrationError, is MetricsError, is RAILPartError, is ShardSetError: .badData
        case is TaskSplitError, CLAPError.invalidOption: .usage
        case is CLAPError: .badData
        case is CancellationError: .interrupted
        default: .internalError
        }
    }

    private static func of(_ failure: ExemplarStoreError) -> ExitStatus {
        switch failure {
        case .missing: .inputMissing
        case .cannotCreate, .exists, .readOnly: .cannotCreate
        case .locked, .disk: .inputOutput
        case .database: .internalError
        case .notAStore, .newerSchema, .olderSchema, .damaged, .format, .unknownClass, .knownClass, .row, .overBudget: .badData
        }
    }

    /// One line for the user.
    static func message(of error: any Error) -> String {
        if error is CancellationError {
            // mpirun ends all ranks in one way, whether it is told to or one of them has died; which, it says itself.
            return RankedRun.isJoined
                ? "stopped with all ranks, by Ctrl-C or because one of them has died (mpirun says which); nothing was written"
                : "interrupted; nothing was written"
        }
        // Says itself what was kept.
        if let failure = error as? CommandFailure, failure.status == .interrupted { return failure.description }
        return "error: " + "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
