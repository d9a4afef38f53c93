"""Which operator a node of autograd's record belongs to: MulBackward0 is the backward of mul."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.ops.operator import Operator
from tracer.ops.table import OPS

NODES: Mapping[str, str] = {
    "AbsBackward0": "abs", "AcosBackward0": "acos", "AcoshBackward0": "acosh",
    "AdaptiveAvgPool2DBackward0": "adaptive_avg_pool2d", "AddBackward0": "add", "AddBackward1": "add",
    "AddcdivBackward0": "addcdiv", "AddcmulBackward0": "addcmul", "AddmmBackward0": "addmm",
    "AddmvBackward0": "addmv", "AddrBackward0": "addr", "AliasBackward0": "view", "AmaxBackward0": "amax",
    "AminBackward0": "amin", "AsinBackward0": "asin", "AsinhBackward0": "asinh", "Atan2Backward0": "atan2",
    "AtanBackward0": "atan", "AtanhBackward0": "atanh", "AvgPool2DBackward0": "avg_pool2d",
    "BaddbmmBackward0": "baddbmm", "BinaryCrossEntropyBackward0": "binary_cross_entropy",
    "BinaryCrossEntropyWithLogitsBackward0": "binary_cross_entropy_with_logits", "BmmBackward0": "bmm",
    "CatBackward0": "cat", "CdistBackward0": "cdist", "CeilBackward0": "ceil", "CeluBackward0": "celu",
    "ClampBackward0": "clamp", "ClampBackward1": "clamp", "ClampMaxBackward0": "clamp", "ClampMinBackward0": "clamp",
    "CloneBackward0": "clone", "ConstantPadNdBackward0": "pad", "ConvolutionBackward0": "conv2d",
    "CosBackward0": "cos", "CoshBackward0": "cosh", "CudnnBatchNormBackward0": "batch_norm",
    "CudnnConvolutionBackward0": "conv2d", "CumprodBackward0": "cumprod", "CumsumBackward0": "cumsum",
    "Deg2RadBackward0": "deg2rad", "DiagEmbedBackward0": "diag", "DiagonalBackward0": "diagonal",
    "DigammaBackward0": "digamma", "DivBackward0": "div", "DivBackward1": "div", "DivBackward2": "div",
    "DotBackward0": "dot", "EluBackward0": "elu", "EmbeddingBackward0": "embedding", "ErfBackward0": "erf",
    "ErfcBackward0": "erfc", "Exp2Backward0": "exp2", "ExpBackward0": "exp", "ExpandBackward0": "expand",
    "Expm1Backward0": "expm1", "FlipBackward0": "flip", "FloorBackward0": "floor", "FmodBackward0": "fmod",
    "FmodBackward1": "fmod", "FracBackward0": "frac", "GatherBackward0": "gather", "GeluBackward0": "gelu",
    "HardshrinkBackward0": "hardshrink", "HardsigmoidBackward0": "hardsigmoid", "HardswishBackward0": "hardswish",
    "HardtanhBackward0": "hardtanh", "HuberLossBackward0": "huber_loss", "HypotBackward0": "hypot",
    "IndexBackward0": "[…]", "IndexSelectBackward0": "index_select", "KthvalueBackward0": "kthvalue",
    "LeakyReluBackward0": "leaky_relu", "LerpBackward0": "lerp", "LerpBackward1": "lerp", "LgammaBackward0": "lgamma",
    "LinalgDetBackward0": "det", "LinalgEighBackward0": "eigvalsh", "LinalgInvExBackward0": "inverse",
    "LinalgSolveExBackward0": "solve", "LinalgVectorNormBackward0": "norm", "Log10Backward0": "log10",
    "Log1PBackward0": "log1p", "Log2Backward0": "log2", "LogBackward0": "log", "LogSigmoidBackward0": "logsigmoid",
    "LogSoftmaxBackward0": "log_softmax", "LogaddexpBackward0": "logaddexp", "LogitBackward0": "logit",
    "LogsumexpBackward0": "logsumexp", "MaskedFillBackward0": "masked_fill", "MaskedSelectBackward0": "masked_select",
    "MaxBackward0": "max", "MaxBackward1": "max", "MaxPool2DWithIndicesBackward0": "max_pool2d",
    "MaximumBackward0": "maximum", "MeanBackward0": "mean", "MeanBackward1": "mean", "MedianBackward0": "median",
    "MedianBackward1": "median", "MinBackward0": "min", "MinBackward1": "min", "MinimumBackward0": "minimum",
    "MishBackward0": "mish", "MmBackward0": "mm", "MseLossBackward0": "mse_loss", "MulBackward0": "mul",
    "MulBackward1": "mul", "MvBackward0": "mv", "NativeBatchNormBackward0": "batch_norm",
    "NativeDropoutBackward0": "dropout", "NativeGroupNormBackward0": "group_norm",
    "NativeLayerNormBackward0": "layer_norm", "NegBackward0": "neg", "NllLossBackward0": "nll_loss",
    "PermuteBackward0": "permute", "PowBackward0": "pow", "PowBackward1": "pow", "PreluKernelBackward0": "prelu",
    "ProdBackward0": "prod", "ProdBackward1": "prod", "Rad2DegBackward0": "rad2deg",
    "ReciprocalBackward0": "reciprocal", "ReluBackward0": "relu", "RemainderBackward0": "remainder",
    "RemainderBackward1": "remainder", "RepeatBackward0": "repeat", "ReshapeAliasBackward0": "view",
    "RollBackward0": "roll", "RoundBackward0": "round", "RsqrtBackward0": "rsqrt", "RsubBackward0": "rsub",
    "RsubBackward1": "rsub", "SelectBackward0": "select", "SigmoidBackward0": "sigmoid", "SignBackward0": "sign",
    "SiluBackward0": "silu", "SinBackward0": "sin", "SinhBackward0": "sinh", "SliceBackward0": "narrow",
    "SmoothL1LossBackward0": "smooth_l1_loss", "SoftMarginLossBackward0": "soft_margin_loss",
    "SoftmaxBackward0": "softmax", "SoftplusBackward0": "softplus", "SoftshrinkBackward0": "softshrink",
    "SortBackward0": "sort", "SplitBackward0": "split", "SplitWithSizesBackward0": "split", "SqrtBackward0": "sqrt",
    "SqueezeBackward0": "squeeze", "SqueezeBackward1": "squeeze", "SqueezeBackward2": "squeeze",
    "SqueezeBackward4": "squeeze", "StackBackward0": "stack", "StdBackward0": "std", "SubBackward0": "sub",
    "SubBackward1": "sub", "SumBackward0": "sum", "SumBackward1": "sum", "TBackward0": "t", "TakeBackward0": "take",
    "TanBackward0": "tan", "TanhBackward0": "tanh", "ThresholdBackward0": "threshold", "TopkBackward0": "topk",
    "TraceBackward0": "trace", "TransposeBackward0": "transpose", "TrilBackward0": "tril", "TriuBackward0": "triu",
    "TruncBackward0": "trunc", "UnbindBackward0": "unbind", "UnfoldBackward0": "unfold",
    "UnsafeSplitBackward0": "split", "UnsafeViewBackward0": "view", "UnsqueezeBackward0": "unsqueeze",
    "VarBackward0": "var", "ViewBackward0": "view", "WhereBackward0": "where", "XlogyBackward0": "xlogy",
}  # fmt: skip
"""By the name that torch gives the node; an operator that torch composes of others has none of its own."""

SHARED: Mapping[str, str] = {
    "square": "pow", "relu6": "hardtanh", "selu": "elu", "matmul": "mm mv dot", "movedim": "permute", "tile": "repeat",
    "flatten": "view", "unflatten": "view", "reshape": "view", "hstack": "cat", "chunk": "split", "einsum": "permute",
    "[…]": "select narrow", "conv1d": "conv2d", "conv_transpose1d": "conv2d", "conv_transpose2d": "conv2d",
}  # fmt: skip
"""Operators whose node is that of another one, of which they are a case or another spelling."""


def of_node(name: str) -> Operator | None:
    """Give the operator of a node; `None` where it is not known."""
    return OPS.get(NODES.get(name, ""))


def belongs(node: str, operator: str) -> bool:
    """Tell whether a node may be that of an operator."""
    found = NODES.get(node)
    return found is not None and (found == operator or found in SHARED.get(operator, "").split())
