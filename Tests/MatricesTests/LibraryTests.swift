import COpenBLAS
import Foundation
import Matrices
import Testing

/// OpenBLAS is what is called. GSL's own CBLAS exports the same `cblas_*` names and is many times slower; neither it nor
/// any other library may stand in.
@Suite struct LibraryTests {
    @Test func theConfigurationIsOpenBLAS() {
        #expect(String(cString: credence_openblas_configuration()).hasPrefix("OpenBLAS"))
        #expect(!String(cString: credence_openblas_core()).isEmpty)
        #expect(credence_openblas_threads() == 1)
    }

    #if os(Linux)
    @Test(arguments: ["sgemm_", "dgemm_", "cblas_sgemm", "spotrf_", "dsyevd_", "sgesdd_"])
    func theSymbolComesFromOpenBLAS(_ symbol: String) throws {
        // What the name resolves to in this program, the same search as the linker's.
        let path = try #require(credence_library_of_symbol(symbol), "\(symbol) is not in the program")
        let library = URL(fileURLWithPath: String(cString: path)).lastPathComponent
        #expect(library.contains("openblas") || library.hasPrefix("libblas") || library.hasPrefix("liblapack"))
        #expect(!library.contains("gslcblas"))
    }

    /// Debian's libgsl loads GSL's CBLAS itself, so it is in the process; but of the names called here it has none.
    @Test(arguments: ["sgemm_", "dgemm_", "ssyrk_", "strsm_", "spotrf_"])
    func theOtherCBLASHasNoSuchSymbol(_ symbol: String) throws {
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
        let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        #expect(maps.contains("openblas") || maps.contains("libblas"))
        guard let handle = dlopen("libgslcblas.so.0", RTLD_LAZY | RTLD_NOLOAD) else { return }
        defer { dlclose(handle) }
        // The handle's search goes through what the library needs: libm and libc only.
        #expect(dlsym(handle, symbol) == nil)
    }
    #endif

    /// A ratio within one run: GSL's CBLAS is about as fast as the loop, OpenBLAS 30 to 100 times faster. The loop is
    /// the best of three, the product the best of five, so that a busy machine does not decide.
    @Test func productsAreFarFasterThanALoop() {
        let n = 256
        let a = Matrix<Float>.random(n, n, seed: 1), b = Matrix<Float>.random(n, n, seed: 2)
        func best(_ repeats: Int, _ body: () -> Float) -> Double {
            var best = Double.infinity
            var sum: Float = 0
            for _ in 0..<repeats {
                let start = DispatchTime.now().uptimeNanoseconds
                sum += body()
                best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start))
            }
            #expect(sum.isFinite)
            return best
        }
        let product = best(5) { Parallelism.withThreads(1) { a.multiplied(by: b)[0, 0] } }
        let loop = best(3) {
            var c = [Float](repeating: 0, count: n * n)
            a.withUnsafeElements { a in
                b.withUnsafeElements { b in
                    for i in 0..<n {
                        for j in 0..<n {
                            var sum: Float = 0
                            for l in 0..<n { sum += a[i * n + l] * b[l * n + j] }
                            c[i * n + j] = sum
                        }
                    }
                }
            }
            return c[0]
        }
        #expect(loop > 5 * product, "a loop took \(loop) ns, the product \(product) ns")
    }
}
