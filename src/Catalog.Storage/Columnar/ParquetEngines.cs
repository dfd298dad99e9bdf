using System.Runtime.InteropServices;
using Catalog.Storage.Columnar.Native;

namespace Catalog.Storage.Columnar;

/// <summary>The engines there are.</summary>
public static class ParquetEngines
{
    private static readonly Lazy<bool> s_hasNative = new(() =>
        NativeLibrary.TryLoad("ParquetSharpNative", typeof(ParquetSharp.Arrow.FileReader).Assembly, searchPath: null, out _));

    /// <summary>Arrow C++, for bulk.</summary>
    public static IParquetEngine Native { get; } = new ParquetSharpEngine();

    /// <summary>Managed code alone: slower, and not for pages of the second version within lists; runs everywhere.</summary>
    public static IParquetEngine Managed { get; } = new Managed.ParquetNetEngine();

    /// <summary>The native engine where its library loads.</summary>
    public static IParquetEngine Default => s_hasNative.Value ? Native : Managed;
}
