package dev.meshdx.error;

/** Why something could not be read: what a partial result says of a gap, and an exception of itself. */
public enum Reason {
    /** The caller lacks a permission. */
    FORBIDDEN,
    /** The kind of resource is not installed in this cluster. */
    NOT_INSTALLED,
    /** The API server, the pod or the port does not answer. */
    UNREACHABLE,
    /** It did not answer in time. */
    TIMEOUT,
    /** The answer could not be understood. */
    MALFORMED,
    /** The recording, or the manifests, do not hold it. */
    NOT_RECORDED,
    /** This source, this version or this proxy does not offer it. */
    UNSUPPORTED
}
