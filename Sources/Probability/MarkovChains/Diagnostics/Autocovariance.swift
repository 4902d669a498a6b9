import CGSL

/// The autocovariances of a series at lags 0 ..< n, Σ (x_t − x̄)(x_{t+lag} − x̄) / n, by GSL's fast Fourier transform
/// (`gsl_fft_real_radix2_transform`) of the series padded with zeros. O(n · log n).
func autocovariance(_ series: [Double]) -> [Double] {
    let n = series.count
    guard n > 0 else { return [] }
    let mean = series.reduce(0, +) / Double(n)
    var length = 1
    while length < 2 * n { length *= 2 }
    var data = series.map { $0 - mean } + [Double](repeating: 0, count: length - n)
    GSL.prepare()
    // The only failure that GSL knows here is a length that is not a power of two.
    let status = data.withUnsafeMutableBufferPointer { buffer -> Int32 in
        guard let base = buffer.baseAddress else { return 0 }
        let forward = gsl_fft_real_radix2_transform(base, 1, length)
        // Half-complex order: the real part of frequency k in k, its imaginary part in length − k.
        buffer[0] *= buffer[0]
        if length > 1 { buffer[length / 2] *= buffer[length / 2] }
        for k in 1..<max(1, length / 2) {
            buffer[k] = buffer[k] * buffer[k] + buffer[length - k] * buffer[length - k]
            buffer[length - k] = 0
        }
        let backward = gsl_fft_halfcomplex_radix2_inverse(base, 1, length)
        return forward != 0 ? forward : backward
    }
    precondition(status == 0, "transform of length \(length)")
    return data.prefix(n).map { $0 / Double(n) }
}
