import Matrices

/// Who sees whom in the self-attention of class features and task tokens: a class sees the classes of its own task and
/// its task's token; a token sees itself and its task's classes (paper, section 3.2).
enum AttentionMask {
    /// `[n, n]` with n = classes (+ tasks where there are tokens): 0 where seen, −∞ where blocked.
    static func additive<Scalar: MatrixScalar>(classesPerTask: [Int], tokens: Bool) -> Matrix<Scalar> {
        var task = classesPerTask.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
        if tokens { task += Array(classesPerTask.indices) }
        var mask = Matrix<Scalar>(rows: task.count, columns: task.count)
        let m = mask.mutablePointer()
        for row in task.indices {
            for column in task.indices where task[row] != task[column] {
                m[row * task.count + column] = -.infinity
            }
        }
        return mask
    }
}
