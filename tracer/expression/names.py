"""All names that a program may use: the whole allow-list, in this one file.

Nothing here touches files, processes, torch's global state or Python's inside, takes a function as an argument, or
gives a number that depends on memory that was never written.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(prefix: str, text: str) -> frozenset[str]:
    return frozenset(prefix + word for word in text.split())


NAMESPACES: Mapping[str, str] = {"torch": "torch", "F": "torch.nn.functional", "math": "math"}

_MAKING = """
    tensor zeros ones full eye arange linspace logspace zeros_like ones_like full_like complex polar
    scalar_tensor tril_indices triu_indices cartesian_prod combinations meshgrid
"""
_RANDOM = "rand randn randint randperm normal bernoulli multinomial poisson rand_like randn_like randint_like"
_ELEMENTWISE = """
    abs absolute neg negative positive sign sgn sqrt rsqrt square reciprocal pow float_power exp exp2 expm1 log log2
    log10 log1p logaddexp logaddexp2 sin cos tan asin acos atan atan2 arcsin arccos arctan arctan2 sinh cosh tanh asinh
    acosh atanh arcsinh arccosh arctanh sinc sigmoid logit erf erfc erfinv lgamma digamma polygamma mvlgamma i0 hypot
    add sub subtract mul multiply div divide true_divide floor_divide remainder fmod addcmul addcdiv lerp rsub
    ceil floor round trunc fix frac clamp clamp_min clamp_max clip nan_to_num deg2rad rad2deg heaviside copysign
    maximum minimum fmax fmin real imag conj angle relu prelu softmax log_softmax where xlogy
    bitwise_and bitwise_or bitwise_xor bitwise_not gcd lcm frexp ldexp fill conj_physical nextafter
"""
_COMPARING = """
    eq ne lt le gt ge equal not_equal less less_equal greater greater_equal isclose allclose isnan isinf isfinite
    isposinf isneginf isreal logical_and logical_or logical_xor logical_not is_complex is_floating_point is_nonzero
"""
_REDUCING = """
    sum mean prod std var std_mean var_mean max min amax amin aminmax argmax argmin median nanmedian mode quantile
    nanquantile nansum nanmean logsumexp norm dist all any count_nonzero cumsum cumprod cummax cummin logcumsumexp diff
    trapezoid trapz cumulative_trapezoid gradient bincount histc unique unique_consecutive corrcoef cov numel
"""
_SHAPING = """
    reshape ravel flatten unflatten squeeze unsqueeze transpose swapaxes swapdims movedim moveaxis permute t adjoint
    cat concat concatenate stack hstack vstack dstack column_stack row_stack split chunk tensor_split hsplit vsplit
    dsplit split_with_sizes unbind tile repeat_interleave broadcast_to broadcast_tensors roll flip fliplr flipud rot90
    narrow select index_select masked_select take take_along_dim gather scatter scatter_add scatter_reduce index_add
    index_copy index_fill index_put index_reduce put masked_fill masked_scatter select_scatter slice_scatter
    diagonal_scatter diag diag_embed diagflat diagonal tril triu block_diag atleast_1d atleast_2d atleast_3d sort
    argsort msort topk kthvalue searchsorted bucketize nonzero argwhere view_as_real view_as_complex clone detach
"""
_PRODUCTS = """
    matmul mm mv bmm dot vdot inner outer ger addmm addmv addr addbmm baddbmm chain_matmul einsum tensordot kron cross
    trace det logdet slogdet inverse pinverse matrix_exp matrix_power cholesky cholesky_inverse cholesky_solve
    triangular_solve svd qr lu_solve cdist renorm stft istft
"""
_LAYERS = "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d layer_norm group_norm rms_norm"
_FUNCTIONAL = """
    conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d unfold fold pad avg_pool1d avg_pool2d
    avg_pool3d max_pool1d max_pool2d max_pool3d lp_pool1d lp_pool2d adaptive_avg_pool1d adaptive_avg_pool2d
    adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d max_unpool1d max_unpool2d
    max_unpool3d fractional_max_pool2d fractional_max_pool3d relu relu6 leaky_relu elu selu celu gelu silu mish
    sigmoid tanh softplus softsign tanhshrink softshrink hardshrink hardtanh hardsigmoid hardswish logsigmoid
    threshold glu prelu rrelu softmax softmin log_softmax linear bilinear embedding one_hot normalize layer_norm
    group_norm instance_norm batch_norm rms_norm local_response_norm dropout dropout1d dropout2d dropout3d
    alpha_dropout feature_alpha_dropout scaled_dot_product_attention cosine_similarity pairwise_distance pdist
    interpolate embedding_bag pixel_shuffle pixel_unshuffle channel_shuffle affine_grid grid_sample mse_loss l1_loss
    smooth_l1_loss huber_loss cross_entropy nll_loss binary_cross_entropy binary_cross_entropy_with_logits kl_div
    poisson_nll_loss gaussian_nll_loss hinge_embedding_loss margin_ranking_loss multi_margin_loss
    multilabel_margin_loss multilabel_soft_margin_loss soft_margin_loss triplet_margin_loss cosine_embedding_loss
    ctc_loss
"""
_LINALG = """
    norm vector_norm matrix_norm det slogdet inv pinv solve solve_triangular lstsq cholesky qr svd svdvals eigh eigvalsh
    eig eigvals matrix_power matrix_exp matrix_rank cond cross multi_dot vecdot diagonal tensorinv tensorsolve vander
    householder_product lu lu_factor lu_solve cholesky_ex inv_ex lu_factor_ex solve_ex
"""
_FFT = """
    fft ifft rfft irfft fft2 ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn hfft ihfft hfft2 ihfft2 hfftn ihfftn fftshift
    ifftshift fftfreq rfftfreq
"""
_SPECIAL = """
    erf erfc erfinv erfcx expit exp2 expm1 gammaln digamma psi polygamma multigammaln logit log1p log_ndtr ndtr ndtri
    entr sinc xlogy xlog1py zeta i0 i0e i1 i1e softmax log_softmax logsumexp
"""
_MATH = "sqrt exp log log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh floor ceil fabs hypot radians degrees"

_DROPPING = "dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout rrelu"
RANDOM = _words("torch.", _RANDOM) | _words("F.", _DROPPING + " fractional_max_pool2d fractional_max_pool3d")

FUNCTIONS: frozenset[str] = frozenset().union(
    _words("torch.", _MAKING + _RANDOM + _ELEMENTWISE + _COMPARING + _REDUCING + _SHAPING + _PRODUCTS + _LAYERS),
    _words("torch.linalg.", _LINALG),
    _words("torch.fft.", _FFT),
    _words("torch.special.", _SPECIAL),
    _words("F.", _FUNCTIONAL),
    _words("torch.nn.functional.", _FUNCTIONAL),
    _words("math.", _MATH),
)
"""Functions, by the whole path that a program writes."""

CUSTOM = frozenset({"Add", "Split", "Max"})
"""The custom functions of the lesson, each with a backward of its own: Add(a, b), or Add.apply(a, b)."""

BUILTINS = CUSTOM | _words("", "abs bool complex enumerate float int len max min pow range round sum zip")

DTYPES = _words(
    "torch.",
    """float16 float32 float64 bfloat16 half float double complex64 complex128 cfloat cdouble
    int8 int16 int32 int64 uint8 short int long bool""",
)
CONSTANTS: frozenset[str] = DTYPES | _words("torch.", "pi e inf nan") | _words("math.", "pi e tau inf nan")

_INPLACE = """
    add_ sub_ mul_ div_ pow_ neg_ abs_ exp_ log_ sqrt_ rsqrt_ square_ reciprocal_ sin_ cos_ tan_ tanh_ sigmoid_ relu_
    floor_ ceil_ round_ trunc_ clamp_ clamp_min_ clamp_max_ clip_ addmm_ addmv_ addcmul_ addcdiv_ lerp_ remainder_
    fmod_ zero_ fill_ copy_ masked_fill_ masked_scatter_ index_add_ index_copy_ index_fill_ scatter_ scatter_add_
    fill_diagonal_ cumsum_ cumprod_ tril_ triu_ t_ transpose_ squeeze_ unsqueeze_ nan_to_num_ sign_ erf_
    detach_ requires_grad_
"""
_ONLY_METHODS = """
    dim size numel item tolist view view_as reshape_as expand expand_as repeat contiguous type_as to float double half
    bfloat16 int long short bool cfloat cdouble cpu unfold element_size is_contiguous stride nelement ndimension
    new_zeros new_ones new_full sum_to_size resolve_conj mean softmax log_softmax lu is_inference
    backward retain_grad
"""
_NOT_METHODS = """
    cat concat concatenate stack hstack vstack dstack column_stack row_stack einsum tensordot meshgrid cartesian_prod
    combinations block_diag broadcast_tensors chain_matmul trapezoid cumulative_trapezoid atleast_1d atleast_2d
    atleast_3d std_mean var_mean searchsorted bucketize normal rand_like randn_like randint_like randperm rand randn
    randint poisson tensor zeros ones full eye arange linspace logspace zeros_like ones_like full_like complex polar
    scalar_tensor tril_indices triu_indices rsub cdist real imag is_nonzero view_as_real view_as_complex gradient
    trapz fill
"""
METHODS: frozenset[str] = _words(
    "", _RANDOM + _ELEMENTWISE + _COMPARING + _REDUCING + _SHAPING + _PRODUCTS + _INPLACE + _ONLY_METHODS
) - _words("", _NOT_METHODS)
"""Methods of tensors."""

LIST_METHODS = frozenset({"append"})

TENSOR_ATTRIBUTES = _words("", "shape dtype device ndim T mT H mH real imag grad requires_grad is_leaf itemsize nbytes")
SET_ATTRIBUTES = frozenset({"grad"})
"""What may stand on the left of =: `x.grad = None`."""

RESULT_ATTRIBUTES = _words(
    "",
    """values indices U S V Vh Q R L P LU pivots eigenvalues eigenvectors sign logabsdet solution residuals rank
    singular_values mantissa exponent min max mode""",
)
"""Attributes of what functions with several results give: `x.max(dim=1).values`."""

NUMBER_ATTRIBUTES = _words("", "real imag")
ATTRIBUTES = TENSOR_ATTRIBUTES | RESULT_ATTRIBUTES

GRAD_MODES = _words("torch.", "no_grad enable_grad inference_mode") | _words("", "no_grad enable_grad inference_mode")
"""What may stand after `with`, called without arguments."""

CUTTING_METHODS = frozenset({"detach", "detach_", "item", "tolist", "requires_grad_"})
CUTTING_BUILTINS = frozenset({"float", "int", "bool", "complex", "round"})
"""What hands a value on without its history, so that autograd does not follow it back."""
