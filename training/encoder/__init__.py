"""Speech encoders that users own: wav2vec 2.0, HuBERT or WavLM listens, our decoder performs.

`rigtalk.training.encoder.checkpoint` reads a folder, `network` puts the encoder before the actor,
and `samples` gives it sound where the other actor gets features.
"""
