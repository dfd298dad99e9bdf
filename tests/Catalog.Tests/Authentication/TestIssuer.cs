using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Catalog.Tests.Authentication;

/// <summary>An issuer of bearer tokens: it signs what it should, and whatever else a test wants a server to refuse.</summary>
internal sealed class TestIssuer(string address, Func<DateTimeOffset> now) : IDisposable
{
    public const string Audience = "catalog";

    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private RSA _key = RSA.Create(2048);
    private int _number = 1;

    /// <summary>As tokens name it.</summary>
    public string Address => address;

    public string KeyId => $"key-{_number}";

    /// <summary>What is at <c>/.well-known/openid-configuration</c>.</summary>
    public string Discovery => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["issuer"] = address,
        ["jwks_uri"] = $"{address}/keys",
    });

    /// <summary>What is at <c>/keys</c>.</summary>
    public string Keys
    {
        get
        {
            var (rsa, curve) = (_key.ExportParameters(false), _curve.ExportParameters(false));
            return JsonSerializer.Serialize(new
            {
                keys = new object[]
                {
                    new { kty = "RSA", use = "sig", kid = KeyId, n = Text(rsa.Modulus), e = Text(rsa.Exponent) },
                    new { kty = "EC", use = "sig", kid = "curve", crv = "P-256", x = Text(curve.Q.X), y = Text(curve.Q.Y) },
                },
            });
        }
    }

    /// <summary>Signs with another key from here on, and publishes the old one no more.</summary>
    public void Rotate()
    {
        _key.Dispose();
        _key = RSA.Create(2048);
        _number++;
    }

    /// <summary>A token that holds, but for what is changed.</summary>
    /// <param name="claims">Instead of, or beside, what it would say; null takes a claim away.</param>
    /// <param name="algorithm">As its header says; <c>none</c> leaves the signature out, <c>HS256</c> signs by the public key.</param>
    /// <param name="keyId">As its header says; empty for none, null for the right one.</param>
    /// <param name="demands">An extension that its header demands; null for none.</param>
    public string Token(
        IReadOnlyDictionary<string, object?>? claims = null, string algorithm = "RS256", string? keyId = null, string? demands = null)
    {
        var payload = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["iss"] = address,
            ["aud"] = Audience,
            ["sub"] = "ada",
            ["iat"] = now().ToUnixTimeSeconds(),
            ["exp"] = now().AddMinutes(5).ToUnixTimeSeconds(),
        };
        foreach (var (name, value) in claims ?? new Dictionary<string, object?>(StringComparer.Ordinal))
            payload[name] = value;
        foreach (var name in payload.Where(c => c.Value is null).Select(c => c.Key).ToList())
            payload.Remove(name);

        var header = new Dictionary<string, object>(StringComparer.Ordinal) { ["alg"] = algorithm, ["typ"] = "JWT" };
        if (demands is not null)
            header["crit"] = new[] { demands };
        if (keyId != "")
            header["kid"] = keyId ?? (algorithm == "ES256" ? "curve" : KeyId);
        var signed = $"{Text(JsonSerializer.SerializeToUtf8Bytes(header))}.{Text(JsonSerializer.SerializeToUtf8Bytes(payload))}";
        return $"{signed}.{Text(Sign(algorithm, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>As <see cref="Token"/>, with one claim changed.</summary>
    public string With(string claim, object? value) =>
        Token(new Dictionary<string, object?>(StringComparer.Ordinal) { [claim] = value });

    public void Dispose()
    {
        _key.Dispose();
        _curve.Dispose();
    }

    private byte[] Sign(string algorithm, byte[] signed) => algorithm switch
    {
        "RS256" => _key.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "PS256" => _key.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        "ES256" => _curve.SignData(signed, HashAlgorithmName.SHA256),
        "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(_key.ExportSubjectPublicKeyInfoPem()), signed),
        _ => [],
    };

    private static string Text(byte[]? bytes) => Base64Url.EncodeToString(bytes);
}
