using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Catalog.Server.Hosting;

/// <summary>What clients know a server by: its certificate, with the private key and those that vouch for it.</summary>
internal sealed class TlsCertificate : IDisposable
{
    private const string PemMark = "-----BEGIN ";
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _all;

    private TlsCertificate(X509Certificate2 own, X509Certificate2Collection all) => (_own, _all) = (own, all);

    /// <summary>Reads it from files.</summary>
    /// <param name="file">PEM, with the server's own certificate first; or PKCS #12 without a password.</param>
    /// <param name="keyFile">The private key as PEM; null where it is in <paramref name="file"/>.</param>
    /// <param name="now">When it has to hold.</param>
    /// <exception cref="HostingException"><see cref="HostingException.TlsCertificateUnusable"/></exception>
    public static TlsCertificate Load(string file, string? keyFile, DateTimeOffset now)
    {
        try
        {
            var loaded = File.ReadAllText(file).Contains(PemMark, StringComparison.Ordinal)
                ? OfPem(File.ReadAllText(file), File.ReadAllText(keyFile ?? file))
                : OfPkcs12(file, keyFile);
            return loaded.Complain(now) is { } why ? throw Unusable(file, why) : loaded;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(file, e.Message.TrimEnd('.'), e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Unusable(
                file,
                "it has to be PEM with the private key in it or named with --flight-key, or PKCS #12 without a password "
                + $"({e.Message.TrimEnd('.')})",
                e);
        }
    }

    public void Show(HttpsConnectionAdapterOptions https) => (https.ServerCertificate, https.ServerCertificateChain) = (_own, _all);

    public void Dispose()
    {
        _own.Dispose();
        foreach (var one in _all)
            one.Dispose();
    }

    private static TlsCertificate OfPem(string certificates, string key)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(certificates);
        using var own = X509Certificate2.CreateFromPem(certificates, key);

        // Windows makes no use of a key that is in memory alone.
        return new TlsCertificate(X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), password: null), all);
    }

    private static TlsCertificate OfPkcs12(string file, string? keyFile)
    {
        if (keyFile is not null)
            throw new CryptographicException("a key of its own goes with PEM only");
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password: null);
        return all.FirstOrDefault(c => c.HasPrivateKey) is { } own
            ? new TlsCertificate(own, all)
            : throw new CryptographicException("there is no private key in it");
    }

    private string? Complain(DateTimeOffset now) =>
        now.LocalDateTime >= _own.NotAfter ? $"it ended on {_own.NotAfter.ToUniversalTime():u}"
        : now.LocalDateTime < _own.NotBefore ? $"it holds from {_own.NotBefore.ToUniversalTime():u} only"
        : null;

    private static HostingException Unusable(string file, string why, Exception? inner = null) => new(
        HostingException.TlsCertificateUnusable, $"'{file}' cannot be used as the certificate of this server: {why}.", inner);
}
