import Prediction
import Testing

@Suite struct HeadDescriptionTests {
    private struct Recipe {
        enum Start { case text, zeroShot(deviation: Double) }
        enum Kind: String { case adam }
        struct Part {
            var samples: Int?
            var keepsRows = true
        }
        var name = "toy"
        var learningRate: Float = 3e-3
        var start = Start.zeroShot(deviation: 0.5)
        var other = Start.text
        var optimizer = Kind.adam
        var rate: Double? = 0.25
        var prediction = Part()
    }

    @Test func settingsAreTheStoredPropertiesInTheirOrder() {
        let settings = HeadSetting.list(of: Recipe(), hiding: ["name"])
        #expect(
            settings == [
                HeadSetting("learning rate", "0.003"), HeadSetting("start", "zeroShot(deviation: 0.5)"),
                HeadSetting("other", "text"), HeadSetting("optimizer", "adam"), HeadSetting("rate", "0.25"),
                HeadSetting("prediction samples", "none"), HeadSetting("prediction keeps rows", "yes"),
            ])
        #expect(HeadSetting.list(of: 3).isEmpty)
    }
}
