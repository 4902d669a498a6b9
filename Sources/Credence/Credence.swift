// The library product: one import for everything a user needs.
@_exported import CLAP
@_exported import ContinualEvaluation
@_exported import ExemplarStore
@_exported import Exemplars
@_exported import FeatureData
@_exported import Gradients
@_exported import HeadCombination
@_exported import Linear
@_exported import Matrices
@_exported import Models
@_exported import NoveltyDetection
@_exported import Prediction
@_exported import Probability
@_exported import RAIL
@_exported import Ranks
@_exported import Reports
@_exported import ZeroShot
