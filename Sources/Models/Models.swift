// Models of any head as users meet them: what a model file holds, and what is said about rows with it.
//
// The command line and the service both answer from here, so that they answer the same to the bit.
