import Foundation
import Matrices

extension MatrixScalar {
    static func log(_ x: Self) -> Self { Self(Foundation.log(Double(x))) }
    static func pow(_ x: Self, _ n: Int) -> Self { Self(Foundation.pow(Double(x), Double(n))) }
}
