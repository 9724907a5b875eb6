package dev.meshdx.error;

/** A change was asked of a mesh that may only be read: connect with {@code MeshOptions.builder().allowChanges()}. */
public final class MeshReadOnlyException extends MeshException {
    private static final long serialVersionUID = 1L;

    /** With what would have been changed, and how to permit it. Nothing was sent. */
    public MeshReadOnlyException(String message, String remedy) {
        super(Reason.UNSUPPORTED, message, remedy, null);
    }
}
