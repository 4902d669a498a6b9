import CGSL

/// A status code of the GNU Scientific Library (`gsl_errno.h`) with its text.
public struct GSLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The status codes of `gsl_errno.h`, by their meaning.
    public enum Code: Int32, Sendable, CaseIterable {
        case failure = -1
        case continueIteration = -2
        case domain = 1
        case range = 2
        case invalidPointer = 3
        case invalidArgument = 4
        case failed = 5
        case factorisation = 6
        case sanity = 7
        case noMemory = 8
        case badFunction = 9
        case runaway = 10
        case maximumIterations = 11
        case zeroDivision = 12
        case badTolerance = 13
        case tolerance = 14
        case underflow = 15
        case overflow = 16
        case lossOfAccuracy = 17
        case roundOff = 18
        case badLength = 19
        case notSquare = 20
        case singularity = 21
        case divergence = 22
        case unsupportedFeature = 23
        case unimplementedFeature = 24
        case cacheLimit = 25
        case tableLimit = 26
        case noProgress = 27
        case noProgressJacobian = 28
        case toleranceOfFunction = 29
        case toleranceOfStep = 30
        case toleranceOfGradient = 31
        case endOfFile = 32
    }

    /// The code as GSL returned it; may be one that this list does not know.
    public let status: Int32
    /// The GSL function that was called.
    public let function: String

    public init(status: Int32, function: String) {
        self.status = status
        self.function = function
    }

    /// The meaning of `status`, `nil` where this list does not know it.
    public var code: Code? { Code(rawValue: status) }

    public var description: String {
        let text = gsl_strerror(status).map { String(cString: $0) } ?? "unknown error"
        return "\(function): \(text) (GSL status \(status))"
    }
}

/// The entry to GSL: every call of this module goes through here first.
enum GSL {
    /// GSL's own handler stops the program; it is switched off once, and status codes are checked instead.
    private static let handlerIsOff: Bool = {
        _ = gsl_set_error_handler_off()
        return true
    }()

    /// Makes sure that GSL's aborting handler is off.
    @inline(__always) static func prepare() { _ = handlerIsOff }

    /// Calls a GSL function that returns a status.
    ///
    /// - Throws: `GSLError` where the status is not 0.
    static func check(_ function: String, _ body: () -> Int32) throws(GSLError) {
        prepare()
        let status = body()
        guard status == 0 else { throw GSLError(status: status, function: function) }
    }
}
