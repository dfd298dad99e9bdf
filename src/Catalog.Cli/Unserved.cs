using Catalog.Sdk;

namespace Catalog.Cli;

/// <summary>Says that no server runs on a data folder, where that is why a call failed.</summary>
internal static class Unserved
{
    /// <param name="code">What the call failed with.</param>
    /// <param name="folder">The data folder that address and key were looked for in.</param>
    /// <param name="address">Where it was tried.</param>
    /// <returns>Null where that is not the reason.</returns>
    public static string? Explain(string code, string folder, Uri address)
    {
        var (runs, at) = (LocalCatalog.ServerOf(folder) is not null, address.AbsoluteUri.TrimEnd('/'));
        var start = $"start it with catalog serve --data {ThisProgram.Quoted(folder)}";
        return (code, runs) switch
        {
            ("access.key_unknown", false) =>
                $"No server runs on the data folder '{folder}' (its key was tried at {at}, where another catalog answers): {start}",
            ("network.unreachable", false) => $"No server runs on the data folder '{folder}', and nothing answers at {at}: {start}",
            ("network.unreachable", true) => $"Nothing answers at {at}, where the server of the data folder '{folder}' was: {start}",
            _ => null,
        };
    }
}
