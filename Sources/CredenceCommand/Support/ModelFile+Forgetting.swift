import Credence

extension ModelFile {
    /// Takes out everything that was fitted to the model as it was, and says so.
    mutating func forgetFitted(_ terminal: Terminal) {
        if calibration != nil || conformal != nil {
            forgetCalibration()
            terminal.say("the calibration was of the model before; calibrate again")
        }
        if detector != nil {
            detector = nil
            terminal.say("the novelty detector was of the model before; fit it again")
        }
    }
}
