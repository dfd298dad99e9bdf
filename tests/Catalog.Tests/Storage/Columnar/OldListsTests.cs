using Catalog.Storage.Columnar;
using ParquetSharp;
using ParquetSharp.Schema;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Lists as older writers spelled them (LogicalTypes.md, backward-compatibility rules).</summary>
public sealed class OldListsTests
{
    private static readonly short[] s_repetitions = [0, 1, 0, 0, 1, 1];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_bare_repeated_field_is_a_list(bool isNative)
    {
        using var numbers = new PrimitiveNode("numbers", Repetition.Repeated, LogicalType.None(), PhysicalType.Int32);
        var file = Write(numbers, definitions: [1, 1, 0, 1, 1, 1]);

        Assert.Equal(["[01000000, 02000000]", "[]", "[03000000, 04000000, 05000000]"], await RowsAsync(file, isNative));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_of_two_levels_is_a_list(bool isNative)
    {
        using var array = new PrimitiveNode("array", Repetition.Repeated, LogicalType.None(), PhysicalType.Int32);
        using var numbers = new GroupNode("numbers", Repetition.Optional, [array], LogicalType.List());
        var file = Write(numbers, definitions: [2, 2, 0, 2, 2, 2]);

        Assert.Equal(["[01000000, 02000000]", "null", "[03000000, 04000000, 05000000]"], await RowsAsync(file, isNative));
    }

    private static async Task<IReadOnlyList<string>> RowsAsync(byte[] file, bool isNative) =>
        (await Scans.RowsAsync(file, new(), isNative ? ParquetEngines.Native : ParquetEngines.Managed)).Rows;

    private static byte[] Write(Node column, short[] definitions)
    {
        using var file = new MemoryStream();
        using var root = new GroupNode("schema", Repetition.Required, [column]);
        using var builder = new WriterPropertiesBuilder();
        using var properties = builder.Build();
        using (var writer = new ParquetSharp.ParquetFileWriter(file, root, properties, leaveOpen: true))
        {
            using (var group = writer.AppendRowGroup())
            using (var values = (ColumnWriter<int>)group.NextColumn())
                values.WriteBatch(s_repetitions.Length, definitions, s_repetitions, [1, 2, 3, 4, 5]);
            writer.Close();
        }

        return file.ToArray();
    }
}
