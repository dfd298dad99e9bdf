using System.Text.Json;

namespace Catalog.Sdk;

/// <summary>
/// Where to find a catalog when nobody said: <c>CATALOG_URL</c> and <c>CATALOG_API_KEY</c>, else what the server on this machine wrote
/// into its data folder (<c>server.json</c>, <c>keys/admin.key</c>).
/// </summary>
public static class LocalCatalog
{
    public const string UrlVariable = "CATALOG_URL";
    public const string KeyVariable = "CATALOG_API_KEY";
    public const string DataVariable = "CATALOG_DATA";

    /// <summary>Where a server listens unless told otherwise.</summary>
    public static readonly Uri DefaultAddress = new("http://127.0.0.1:4870");

    /// <summary><c>CATALOG_DATA</c>, else <c>/var/lib/catalog</c> for root, else <c>catalog</c> in the user's data home (XDG).</summary>
    public static string DefaultDataFolder
    {
        get
        {
            if (NullIfEmpty(Environment.GetEnvironmentVariable(DataVariable)) is { } chosen)
                return Path.GetFullPath(chosen);
            if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
                return "/var/lib/catalog";

            // On Linux this is XDG_DATA_HOME, else ~/.local/share; on macOS ~/Library/Application Support.
            var home = Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return Path.Combine(home, "catalog");
        }
    }

    /// <summary>Whether the environment names an address or a key, so that the data folder does not decide alone.</summary>
    public static bool IsToldByEnvironment =>
        NullIfEmpty(Environment.GetEnvironmentVariable(UrlVariable)) is not null
        || NullIfEmpty(Environment.GetEnvironmentVariable(KeyVariable)) is not null;

    public static string ServerFile(string dataFolder) => Path.Combine(dataFolder, "server.json");

    public static string AdminKeyFile(string dataFolder) => Path.Combine(dataFolder, "keys", "admin.key");

    /// <summary>Address and key, in this order: the argument, the environment, the data folder, the default address.</summary>
    /// <param name="url">Overrides everything, when given.</param>
    /// <param name="dataFolder">Data folder of a server on this machine; when given, it goes before the environment.</param>
    /// <exception cref="CatalogException">No key can be found, or the key or the address is not one.</exception>
    public static (Uri Address, string ApiKey) Find(string? url = null, string? dataFolder = null)
    {
        var fromEnvironment = dataFolder is null ? Environment.GetEnvironmentVariable(UrlVariable) : null;
        var folder = dataFolder ?? DefaultDataFolder;
        var local = ServerOf(folder);
        var address = (url ?? NullIfEmpty(fromEnvironment)) is { } text ? ParseAddress(text) : local ?? DefaultAddress;

        return (address, FindKey(address, local, folder, useEnvironment: dataFolder is null));
    }

    private static string FindKey(Uri address, Uri? local, string folder, bool useEnvironment)
    {
        if (useEnvironment && NullIfEmpty(Environment.GetEnvironmentVariable(KeyVariable)) is { } key)
            return DemandKey(key);

        // The administrator's key of this machine's server is never sent to another machine.
        if (!address.IsLoopback && address != local)
            throw new CatalogException(null, "client.key_missing", $"Set {KeyVariable} to a key of the catalog at {address}");

        var file = AdminKeyFile(folder);
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CatalogException(
                null, "client.key_missing", $"No API key: set {KeyVariable}, or start a server whose key {file} you can read.", inner: e);
        }
    }

    /// <summary>What is no key could not be sent as one, or would only be refused.</summary>
    internal static string DemandKey(string text) =>
        (text.StartsWith("cat_", StringComparison.Ordinal) || text.Count(c => c == '.') == 2) && text.All(c => c is > ' ' and < (char)0x7F)
            ? text
            : throw new CatalogException(
                null, "client.key_invalid", $"{KeyVariable} is neither an API key (cat_…) nor a bearer token (three parts and two dots)");

    /// <exception cref="CatalogException">The text is not an http or https address.</exception>
    public static Uri ParseAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new CatalogException(null, "client.address_invalid", $"'{text}' is not an http:// or https:// address.");

    /// <summary>Address that the server of a data folder wrote down; null where there is none.</summary>
    public static Uri? ServerOf(string dataFolder)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(ServerFile(dataFolder)));
            return document.RootElement.TryGetProperty("url", out var url) && url.GetString() is { } text
                ? Reachable(ParseAddress(text))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException
            or CatalogException)
        {
            return null;
        }
    }

    /// <summary>A server that listens on every address is reached on this machine's own.</summary>
    private static Uri Reachable(Uri address) =>
        address.Host is "0.0.0.0" or "[::]" ? new UriBuilder(address) { Host = "127.0.0.1" }.Uri : address;

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
