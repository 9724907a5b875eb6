package dev.meshdx.error;

/** This source does not hold what was asked for: a kind that is not installed, a file that was not recorded. */
public final class MeshUnsupportedException extends MeshException {
    private static final long serialVersionUID = 1L;

    /**
     * With the reason.
     *
     * @param reason {@code NOT_INSTALLED}, {@code NOT_RECORDED} or {@code UNSUPPORTED}
     * @param message what was asked for
     * @param remedy what to do instead; empty where nothing helps
     */
    public MeshUnsupportedException(Reason reason, String message, String remedy) {
        super(reason, message, remedy, null);
    }
}
