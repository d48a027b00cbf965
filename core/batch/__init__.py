"""Many lines at once: ``rigtalk batch``.

A jobs file becomes rows (`jobs_file`, `product`), rows become lines (`fields`) and lines tasks
(`plan`), which worker processes do (`pool`, `process`, `worker`) while a ledger beside the outputs
notes what is done (`ledger`, `stamps`, `lock`).
"""
