using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>Encodes row groups into one Parquet file. Disposed without <see cref="Close"/>, the file has no footer.</summary>
internal interface IRowGroupWriter : IDisposable
{
    /// <summary>Writes one row group. The batch stays the caller's.</summary>
    void Write(RecordBatch rowGroup);

    /// <summary>Writes the footer.</summary>
    void Close();
}
