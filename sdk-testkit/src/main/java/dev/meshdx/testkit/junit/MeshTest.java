package dev.meshdx.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the tests of a class, or one test, a {@link dev.meshdx.testkit.FakeMesh} as a parameter: a new one for each test,
 * closed after it.
 *
 * <pre>{@code
 * @MeshTest(yaml = "/meshes/production.yaml")
 * class PortalTest {
 *     @Test
 *     void should_show_the_pods(FakeMesh mesh) { … }
 * }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(MeshExtension.class)
public @interface MeshTest {
    /** Resources on the class path with the objects, as {@code Class.getResource} of the test's class finds them. */
    String[] yaml() default {};

    /** Path of a recording, relative to the working directory; excludes {@link #yaml()}. */
    String recording() default "";

    /** Whether requests that the fake does not know fail the test. */
    boolean strict() default true;
}
