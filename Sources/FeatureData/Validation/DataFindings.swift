/// Collects what a check finds wrong, so that the first mistake does not hide the others.
struct DataFindings {
    private(set) var all: [DataFinding] = []
    /// Named where an error names no file.
    let subject: String

    init(about subject: String) { self.subject = subject }

    mutating func add(
        _ severity: DataFinding.Severity, _ kind: DataFinding.Kind, _ error: FeatureDataError, count: Int? = nil,
        rows: [Int] = []
    ) {
        all.append(DataFinding(severity, kind, error, count: count, rows: rows))
    }

    mutating func add(_ findings: [DataFinding]) { all += findings }

    /// What `body` gives, or nil and a finding.
    mutating func collecting<Value>(_ kind: DataFinding.Kind, _ body: () throws -> Value) -> Value? {
        do {
            return try body()
        } catch let error as FeatureDataError {
            add(.error, error.kind == .inputMissing ? .missing : kind, error)
        } catch {
            add(.error, kind, FeatureDataError(.inputOutput, file: subject, "\(error)"))
        }
        return nil
    }
}
