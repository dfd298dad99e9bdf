namespace Catalog.Storage.Files;

/// <summary>Resolves every symbolic link in a path, as realpath(3) does, except that the end of the path need not exist.</summary>
internal static class RealPath
{
    /// <exception cref="IOException">The links go in a circle, or a folder cannot be looked into.</exception>
    public static string Of(string path, int maxLinks)
    {
        var real = Path.GetPathRoot(path) ?? "/";
        var rest = new Stack<string>();
        Push(rest, path[real.Length..]);
        while (rest.TryPop(out var name))
        {
            if (name == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Join(real, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (--maxLinks < 0)
                throw new IOException("too many symbolic links");
            if (Path.IsPathRooted(target))
            {
                real = Path.GetPathRoot(target) ?? "/";
                target = target[real.Length..];
            }

            Push(rest, target);
        }

        return real;
    }

    private static void Push(Stack<string> rest, string path)
    {
        var names = path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (var i = names.Length - 1; i >= 0; i--)
        {
            if (names[i] != ".")
                rest.Push(names[i]);
        }
    }
}
